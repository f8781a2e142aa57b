-- One row a line of an invoice or credit memo as it is now, its amount without tax: what BILL says
-- it is, or quantity × price in the currency's minor unit, or its rate of the lines above it.
-- A line is filed where it says, else where its document is.
create or replace table stg_lines as
with documents as (
    select
        record.tenant,
        record.bill_id as document_id,
        from_json(record.payload, '{
            "customerId": "VARCHAR",
            "classifications": {
                "accountingClassId": "VARCHAR",
                "departmentId": "VARCHAR",
                "locationId": "VARCHAR",
                "jobId": "VARCHAR"
            },
            "invoiceLineItems": [{
                "description": "VARCHAR",
                "amount": "VARCHAR",
                "price": "VARCHAR",
                "quantity": "VARCHAR",
                "ratePercent": "VARCHAR",
                "taxable": "VARCHAR",
                "classifications": {
                    "itemId": "VARCHAR",
                    "accountingClassId": "VARCHAR",
                    "departmentId": "VARCHAR",
                    "locationId": "VARCHAR",
                    "jobId": "VARCHAR"
                }
            }],
            "creditMemoLineItems": [{
                "description": "VARCHAR",
                "amount": "VARCHAR",
                "price": "VARCHAR",
                "quantity": "VARCHAR",
                "ratePercent": "VARCHAR",
                "taxable": "VARCHAR",
                "classifications": {
                    "itemId": "VARCHAR",
                    "accountingClassId": "VARCHAR",
                    "departmentId": "VARCHAR",
                    "locationId": "VARCHAR",
                    "jobId": "VARCHAR"
                }
            }]
        }') as sent
    from raw_records as record
    semi join raw_heads as head
        on
            head.resource = record.resource
            and head.bill_id = record.bill_id
            and head.version = record.version
    where record.resource in ('invoices', 'credit_memos')
),

lines as (
    select
        tenant,
        document_id,
        sent.customerId as customer_id,
        sent.classifications as filed,
        unnest(coalesce(sent.invoiceLineItems, sent.creditMemoLineItems)) as line,
        generate_subscripts(coalesce(sent.invoiceLineItems, sent.creditMemoLineItems), 1) as place
    from documents
),

priced as (
    select
        lines.* exclude (customer_id, filed, line),
        coalesce(unit.exponent, 2) as exponent,
        nullif(line.classifications.itemId, '') as item_id,
        coalesce(nullif(line.classifications.accountingClassId, ''), filed.accountingClassId) as class_id,
        coalesce(nullif(line.classifications.departmentId, ''), filed.departmentId) as department_id,
        coalesce(nullif(line.classifications.locationId, ''), filed.locationId) as location_id,
        coalesce(nullif(line.classifications.jobId, ''), filed.jobId) as job_id,
        try_cast(line.taxable as boolean) as is_taxable,
        try_cast(line.ratePercent as decimal(18, 8)) as rate,
        coalesce(trim(line.description), '') as description,
        try_cast(line.price as decimal(19, 6)) as price,
        try_cast(line.quantity as decimal(15, 6)) as quantity,
        coalesce(
            try_cast(line.amount as decimal(19, 4))::decimal(34, 12),
            price * coalesce(quantity, 1)::decimal(15, 6)
        ) as exact_amount
    from lines
    cross join tenant_facts
    left join stg_customers as customer using (customer_id)
    left join currencies as unit
        on unit.currency = coalesce(customer.currency, tenant_facts.currency)
),

amounts as (
    select
        *,
        case exponent
            when 0 then round(exact_amount, 0)
            when 3 then round(exact_amount, 3)
            else round(exact_amount, 2)
        end::decimal(19, 4) as own_amount
    from priced
)

select
    tenant,
    document_id,
    place,
    item_id,
    class_id,
    department_id,
    location_id,
    job_id,
    is_taxable,
    description,
    quantity,
    price,
    rate,
    exponent,
    coalesce(
        own_amount,
        share_of(
            coalesce(
                sum(own_amount) over (
                    partition by document_id order by place
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ),
            rate,
            100,
            exponent
        ),
        0
    )::decimal(19, 4) as amount
from amounts
