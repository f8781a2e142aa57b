-- One row a field ever seen in records of a resource, and in how many of those looked at.
select field, times from seen_fields where resource = $resource
