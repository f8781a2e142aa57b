-- One row a document, kind of amount and day that has no rate into the reporting currency.
with documents as (
    select invoice_id as document_id, invoice_number as document
    from invoices
    union all
    select coalesce(payment_id, credit_memo_id), min_by(document, event_id)
    from ledger
    where invoice_id is null
    group by all
)

select
    missing.kind,
    missing.document_id,
    coalesce(document.document, missing.document_id) as document,
    missing.customer_id,
    coalesce(customer.name, missing.customer_id) as customer,
    missing.currency,
    missing.amount,
    missing.needed_on
from unconverted(
    $reporting::varchar,
    $kinds::varchar[],
    $days::date[],
    $from_on::date,
    $to_on::date,
    $as_of::date
) as missing
left join documents as document using (document_id)
left join customers as customer on customer.customer_id = missing.customer_id
where $currency::varchar is null or missing.currency = $currency
order by
    missing.currency,
    missing.needed_on,
    missing.kind,
    missing.document_id
