-- One row a version of a recurring invoice ever observed, typed, with the sum of its lines; sales
-- tax is added only to the invoices written from it.
create or replace table stg_recurring_invoice_versions as
with versions as (
    select
        record.*,
        from_json(record.payload, '{
            "archived": "VARCHAR",
            "customerId": "VARCHAR",
            "description": "VARCHAR",
            "createdTime": "VARCHAR",
            "schedule": {
                "period": "VARCHAR",
                "frequency": "VARCHAR",
                "nextDueDate": "VARCHAR",
                "endDate": "VARCHAR",
                "daysInAdvance": "VARCHAR"
            },
            "recurringInvoiceLineItems": [{
                "id": "VARCHAR",
                "amount": "VARCHAR",
                "price": "VARCHAR",
                "quantity": "VARCHAR"
            }]
        }') as sent
    from raw_records as record
    where record.resource = 'recurring_invoices'
)

select
    versions.tenant,
    versions.bill_id as recurring_invoice_id,
    versions.version,
    versions.observed_at,
    timezone(tenant_facts.time_zone, coalesce(versions.record_updated_at, versions.observed_at))::date
        as updated_on,
    timezone(
        tenant_facts.time_zone,
        coalesce(
            try_cast(sent.createdTime as timestamptz), versions.record_updated_at, versions.observed_at
        )
    )::date as created_on,
    sent.customerId as customer_id,
    coalesce(nullif(trim(sent.description), ''), versions.bill_id) as description,
    coalesce(try_cast(sent.archived as boolean), false) as is_archived,
    upper(coalesce(sent.schedule.period, 'NONE')) as period,
    greatest(coalesce(try_cast(sent.schedule.frequency as integer), 1), 1) as frequency,
    try_cast(sent.schedule.endDate as date) as end_on,
    try_cast(sent.schedule.nextDueDate as date) as next_due_on,
    coalesce(try_cast(sent.schedule.daysInAdvance as integer), 0) as days_in_advance,
    [
        {
            'id': coalesce(line.id, ''),
            'quantity': if(
                line.price is null, 1, coalesce(try_cast(line.quantity as decimal(15, 4)), 1)
            )::decimal(15, 4),
            'price': coalesce(
                try_cast(line.price as decimal(19, 4)), try_cast(line.amount as decimal(19, 4)), 0
            )::decimal(19, 4)
        }
        for line in coalesce(sent.recurringInvoiceLineItems, [])
    ] as lines,
    coalesce(
        list_sum([
            coalesce(
                try_cast(line.amount as decimal(19, 4)),
                (
                    try_cast(line.price as decimal(19, 4))
                    * coalesce(try_cast(line.quantity as decimal(15, 4)), 1)
                )::decimal(38, 4),
                0
            )
            for line in sent.recurringInvoiceLineItems
        ]),
        0
    )::decimal(19, 4) as amount,
    row_number() over (partition by versions.bill_id order by versions.version) as step
from versions
cross join tenant_facts
