-- One row or none: the newest change landed of a resource, in UTC without a zone.
select updated_to::timestamp from watermarks where resource = $resource
