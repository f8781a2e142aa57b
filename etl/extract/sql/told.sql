-- One row a change of form of a resource that a run told of.
select kind, subject from told_forms where resource = $resource
