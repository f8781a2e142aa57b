-- One row a month and currency in which an online payment failed.
select
    strftime(effective_on, '%Y-%m') as month,
    currency,
    count(*) as failures,
    sum(amount) as amount
from ledger
where
    event = 'payment_failed'
    and effective_on <= $as_of::date
    and ($from_on::date is null or effective_on >= $from_on::date)
    and ($to_on::date is null or effective_on <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
group by month, currency
order by month, currency
