"""Every question to the graph, one Cypher statement each, by subject. Callers import the module and say
`relations.load_relations(...)`, `lists.followers(...)`: some functions would otherwise hide a module of their
name."""
