-- One row a payment term, as it is now.
create or replace table stg_payment_terms as
with current_versions as (
    select
        record.tenant,
        record.bill_id,
        from_json(record.payload, '{"name": "VARCHAR", "daysDue": "VARCHAR"}') as sent
    from raw_records as record
    semi join raw_heads as head
        on
            head.resource = record.resource
            and head.bill_id = record.bill_id
            and head.version = record.version
    where record.resource = 'payment_terms'
)

select
    tenant,
    bill_id as payment_term_id,
    coalesce(nullif(trim(sent.name), ''), bill_id) as name,
    try_cast(sent.daysDue as integer) as days_due
from current_versions
