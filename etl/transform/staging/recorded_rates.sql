-- One row an exchange rate that counts, as the operational store gives them.
create or replace table recorded_rates as
select
    unnest($currencies::varchar[]) as currency,
    unnest($quotes::varchar[]) as quote,
    unnest($days::date[]) as rate_on,
    unnest($rates::varchar[])::decimal(18, 8) as rate,
    unnest($sources::varchar[]) as source
