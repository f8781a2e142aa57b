-- One row a currency and source of rates into the reporting currency in a stretch of days: the
-- days its rates are of, and the rate at the end of as_of where that is the source's.
select
    currency,
    quote,
    source,
    is_inverse,
    min(rate_on),
    max(rate_on),
    max(rate) filter (day = $as_of::date)
from daily_rates
where
    quote = $reporting
    and day <= $as_of::date
    and day >= coalesce($from_on::date, date '0001-01-01')
    and ($currency::varchar is null or currency = $currency)
group by currency, quote, source, is_inverse
order by currency, source, is_inverse
