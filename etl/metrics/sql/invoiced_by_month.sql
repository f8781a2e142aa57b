-- One row a month and currency in which anything was invoiced, corrections on their own dates.
select
    strftime(effective_on, '%Y-%m') as month,
    currency,
    sum(revenue) as amount
from ledger
where
    revenue <> 0
    and effective_on <= $as_of::date
    and ($from_on::date is null or effective_on >= $from_on::date)
    and ($to_on::date is null or effective_on <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
group by month, currency
order by month, currency
