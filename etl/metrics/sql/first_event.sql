-- Exactly one row: the day of the first event there is.
select min(effective_on) from ledger
