-- Forgets what was listed of a resource: no row is left of it.
delete from enumerating where resource = $resource
