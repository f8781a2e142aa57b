-- Forgets a backfill that is over, and any that nobody went on with.
delete from backfills
where (from_on = $from_on and to_on = $to_on and $is_over) or noted_at < $before::timestamptz
