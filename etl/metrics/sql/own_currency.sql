-- Exactly one row: the tenant's own currency.
select currency from about
