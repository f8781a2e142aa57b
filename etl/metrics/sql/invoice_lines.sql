-- One row a line of an invoice as it is now; the newest invoice first. total: of how many.
with chosen as (
    select
        line.invoice_id,
        line.place,
        count(*) over () as total
    from invoice_lines as line
    inner join invoices as invoice using (invoice_id)
    where
        (invoice.invoice_on <= $as_of::date or $invoice::varchar is not null)
        and ($invoice::varchar is null or line.invoice_id = $invoice)
        and ($from_on::date is null or invoice.invoice_on >= $from_on::date)
        and ($currency::varchar is null or invoice.currency = $currency)
        and ($customer::varchar is null or invoice.customer_id = $customer)
    order by invoice.invoice_on desc, line.invoice_id, line.place
    limit $limit::bigint
)

select
    line.invoice_id,
    invoice.invoice_number,
    invoice.customer_id,
    invoice.customer,
    invoice.currency,
    invoice.invoice_on,
    line.place,
    line.description,
    line.item,
    rtrim(rtrim(line.quantity::varchar, '0'), '.') as quantity,
    rtrim(rtrim(line.price::varchar, '0'), '.') as price,
    rtrim(rtrim(line.rate::varchar, '0'), '.') as rate,
    case when line.is_taxable then 'yes' else '' end as taxable,
    line.amount,
    chosen.total
from chosen
inner join invoice_lines as line using (invoice_id, place)
inner join invoices as invoice using (invoice_id)
order by invoice.invoice_on desc, line.invoice_id, line.place
