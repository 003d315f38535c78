"""Operations that show nothing of anybody else, and why."""

from __future__ import annotations

from project.tests.truth_table.registry import Who, shows_nothing_of_others

NO_TOKEN = "nobody's token"

shows_nothing_of_others("meta_root", Who.OPEN, "links to the operations")
shows_nothing_of_others("health_live", Who.OPEN, "the process answers")
shows_nothing_of_others("health_ready", Who.OPEN, "the states of the engines")
shows_nothing_of_others("auth_email_verify_link", Who.OPEN, "acts on a token that was mailed", token=NO_TOKEN)
shows_nothing_of_others("account_delete_confirm", Who.OPEN, "acts on a token that was mailed", token=NO_TOKEN)
shows_nothing_of_others("auth_sessions_list", Who.SIGNED_IN, "the viewer's own devices")
shows_nothing_of_others("settings_get", Who.SIGNED_IN, "the viewer's own settings")
shows_nothing_of_others("settings_notifications_get", Who.SIGNED_IN, "the viewer's own settings")
shows_nothing_of_others("permissions_me", Who.SIGNED_IN, "which operations the viewer may call")
shows_nothing_of_others("page_permissions_list", Who.STAFF, "switches of operations")
shows_nothing_of_others("roles_list", Who.STAFF, "names of roles, no members")
