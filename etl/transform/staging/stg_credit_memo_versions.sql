-- One row a version of a credit memo ever observed, typed.
create or replace table stg_credit_memo_versions as
with versions as (
    select
        record.*,
        from_json(record.payload, '{
            "customerId": "VARCHAR",
            "referenceNumber": "VARCHAR",
            "creditDate": "VARCHAR",
            "archived": "VARCHAR",
            "amount": "VARCHAR",
            "appliedAmount": "VARCHAR",
            "salesTaxTotal": "VARCHAR",
            "status": "VARCHAR",
            "createdTime": "VARCHAR",
            "usage": [{"invoiceId": "VARCHAR", "amount": "VARCHAR"}]
        }') as sent
    from raw_records as record
    where record.resource = 'credit_memos'
)

select
    versions.tenant,
    versions.bill_id as credit_memo_id,
    versions.version,
    versions.observed_at,
    versions.record_updated_at as updated_at,
    timezone(tenant_facts.time_zone, coalesce(versions.record_updated_at, versions.observed_at))::date
        as updated_on,
    try_cast(sent.createdTime as timestamptz) as created_at,
    sent.customerId as customer_id,
    coalesce(nullif(trim(sent.referenceNumber), ''), versions.bill_id) as reference_number,
    coalesce(
        try_cast(sent.creditDate as date),
        timezone(tenant_facts.time_zone, coalesce(try_cast(sent.createdTime as timestamptz), versions.observed_at))::date
    ) as credit_on,
    abs(coalesce(try_cast(sent.amount as decimal(19, 4)), 0)) as amount,
    abs(coalesce(try_cast(sent.salesTaxTotal as decimal(19, 4)), 0)) as tax_amount,
    abs(coalesce(try_cast(sent.appliedAmount as decimal(19, 4)), 0)) as bill_applied_amount,
    coalesce(sent.status, 'UNDEFINED') as status,
    coalesce(try_cast(sent.archived as boolean), false) as is_archived,
    coalesce(sent.usage, []) as allocations,
    row_number() over (partition by versions.bill_id order by versions.version) as step,
    row_number() over (partition by versions.bill_id order by versions.version desc) = 1 as is_current
from versions
cross join tenant_facts
