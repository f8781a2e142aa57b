-- One row an invoice dated in the period with what it bills, tax included and less voids.
insert into inputs by name
with totals as (
    select
        invoice_id,
        currency,
        sum(revenue + tax) as total,
        case when bool_or(basis = 'reconstructed') then 'reconstructed' else 'observed' end as basis
    from ledger
    where invoice_id is not null and effective_on <= $as_of::date
    group by invoice_id, currency
)

select
    'invoice' as what,
    invoice.invoice_on as happened_on,
    totals.currency,
    strftime(invoice.invoice_on, '%Y-%m') as month,
    invoice.customer_id,
    totals.invoice_id,
    ['invoiced'] as columns,
    totals.total::decimal(19, 4) as amount,
    totals.basis
from totals
inner join invoices as invoice using (invoice_id)
where
    totals.total > 0
    and invoice.invoice_on <= $as_of::date
    and ($first_on::date is null or invoice.invoice_on >= $first_on::date)
    and ($to_on::date is null or invoice.invoice_on <= $to_on::date)
    and ($currency::varchar is null or totals.currency = $currency)
