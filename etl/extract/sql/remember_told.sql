-- Notes which changes of form were told, so that the next run does not tell them again.
insert into told_forms (resource, kind, subject, told_at)
select $resource, unnest($kinds::varchar[]), unnest($subjects::varchar[]), $told_at::timestamptz
on conflict do nothing
