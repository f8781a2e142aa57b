-- One row an invoice that is a draft in BILL and therefore no invoice yet.
create table snapshot.drafts as
with found as (
    select
        head.tenant,
        head.bill_id as invoice_id,
        from_json(record.payload, '{
            "recordStatus": "VARCHAR",
            "invoiceNumber": "VARCHAR",
            "invoiceDate": "VARCHAR",
            "customerId": "VARCHAR",
            "totalAmount": "VARCHAR"
        }') as sent
    from raw_heads as head
    inner join raw_records as record using (tenant, resource, bill_id, version)
    -- The few that may be drafts are told by their text, so that the rest is not read as JSON.
    where head.resource = 'invoices' and contains(record.payload, '"DRAFT"')
)

select
    found.tenant,
    found.invoice_id,
    coalesce(nullif(trim(sent.invoiceNumber), ''), found.invoice_id) as invoice_number,
    try_cast(sent.invoiceDate as date) as invoice_on,
    sent.customerId as customer_id,
    coalesce(customer.currency, tenant_facts.currency) as currency,
    coalesce(try_cast(sent.totalAmount as decimal(19, 4)), 0) as total_amount
from found
cross join tenant_facts
left join stg_customers as customer on customer.customer_id = sent.customerId
where sent.recordStatus = 'DRAFT'
order by found.invoice_id
