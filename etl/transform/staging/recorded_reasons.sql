-- One row a failed payment of which a person entered the reason that counts.
create or replace table recorded_reasons as
select
    unnest($payments::varchar[]) as payment_id,
    unnest($codes::varchar[]) as code
