-- Exactly one row: which run made this snapshot, and from which day on changes were seen.
select run_id, observed_from from about
