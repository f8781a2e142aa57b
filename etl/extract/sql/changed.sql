-- Exactly one row: how many fresh versions are of records held before.
select count(*) from fresh
where version > 1
