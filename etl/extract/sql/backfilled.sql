-- Notes how far one list of a backfill came, in one row a list.
insert into backfills (from_on, to_on, resource, part, reached, is_done, noted_at)
values ($from_on, $to_on, $resource, $part, $reached::timestamptz, $is_done, $noted_at)
on conflict (from_on, to_on, resource, part) do update set
    reached = coalesce(excluded.reached, reached),
    is_done = excluded.is_done,
    noted_at = excluded.noted_at
