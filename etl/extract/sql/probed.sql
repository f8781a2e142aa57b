-- Notes what a look for archived records found.
update watermarks
set probed_at = $probed_at, lists_archived_apart = $apart
where resource = $resource
