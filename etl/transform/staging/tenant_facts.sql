-- Exactly one row: what the tenant's settings say that the SQL needs.
create or replace table tenant_facts as
select
    $tenant::varchar as tenant,
    $time_zone::varchar as time_zone,
    $currency::varchar as currency,
    $default_terms_days::integer as default_terms_days,
    (select min(observed_at) from raw_records) as watching_since
