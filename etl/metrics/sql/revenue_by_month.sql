-- One row a month and currency, tax excluded: invoiced with corrections on their own dates,
-- collected, and recognised with everything of an invoice on its invoice date.
with amounts as (
    select
        effective_on as day,
        currency,
        revenue as invoiced,
        collected,
        case when invoice_id is null then revenue else 0 end as recognised
    from ledger
    where effective_on <= $as_of::date
    union all
    select
        invoice.invoice_on as day,
        entry.currency,
        0 as invoiced,
        0 as collected,
        entry.revenue as recognised
    from ledger as entry
    inner join invoices as invoice using (invoice_id)
    where entry.effective_on <= $as_of::date
)

select
    strftime(day, '%Y-%m') as month,
    currency,
    sum(invoiced) as invoiced,
    sum(collected) as collected,
    sum(recognised) as recognised,
    'invoice date (proxy)' as recognised_by
from amounts
where
    (invoiced <> 0 or collected <> 0 or recognised <> 0)
    and ($from_on::date is null or day >= $from_on::date)
    and ($to_on::date is null or day <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
group by month, currency
order by month, currency
