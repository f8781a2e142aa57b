-- One row a version of a receivable payment ever observed, typed.
create or replace table stg_payment_versions as
with versions as (
    select
        record.*,
        from_json(record.payload, '{
            "customerId": "VARCHAR",
            "amount": "VARCHAR",
            "unappliedAmount": "VARCHAR",
            "paymentDate": "VARCHAR",
            "receivablesType": "VARCHAR",
            "status": "VARCHAR",
            "referenceNumber": "VARCHAR",
            "description": "VARCHAR",
            "onlinePayment": "VARCHAR",
            "createdTime": "VARCHAR",
            "invoicePayments": [{"invoiceId": "VARCHAR", "amount": "VARCHAR", "paymentDate": "VARCHAR"}]
        }') as sent
    from raw_records as record
    where record.resource = 'receivable_payments'
),

typed as (
    select
        versions.tenant,
        versions.bill_id as payment_id,
        versions.version,
        versions.observed_at,
        versions.record_updated_at as updated_at,
        timezone(tenant_facts.time_zone, coalesce(versions.record_updated_at, versions.observed_at))::date
            as updated_on,
        try_cast(sent.createdTime as timestamptz) as created_at,
        sent.customerId as customer_id,
        coalesce(try_cast(sent.amount as decimal(19, 4)), 0) as amount,
        try_cast(sent.unappliedAmount as decimal(19, 4)) as sent_unapplied,
        try_cast(sent.paymentDate as date) as payment_date,
        coalesce(sent.receivablesType, 'UNDEFINED') as payment_type,
        coalesce(sent.status, 'UNDEFINED') as status,
        nullif(trim(sent.referenceNumber), '') as reference_number,
        nullif(trim(sent.description), '') as description,
        coalesce(try_cast(sent.onlinePayment as boolean), false) as is_online,
        coalesce(sent.invoicePayments, []) as allocations,
        tenant_facts.time_zone
    from versions
    cross join tenant_facts
)

select
    typed.* exclude (payment_date, sent_unapplied, time_zone),
    coalesce(payment_date, timezone(time_zone, coalesce(created_at, observed_at))::date) as payment_on,
    coalesce(
        sent_unapplied,
        amount - coalesce(
            list_sum([try_cast(part.amount as decimal(19, 4)) for part in allocations]), 0
        )
    )::decimal(19, 4) as unapplied_amount,
    lag(status) over (partition by payment_id order by version) as status_before,
    row_number() over (partition by payment_id order by version) as step,
    row_number() over (partition by payment_id order by version desc) = 1 as is_current
from typed
