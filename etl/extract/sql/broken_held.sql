-- One row a field that a record of a resource lacks and figures need.
select bill_id, field from broken_fields where resource = $resource
