-- One row a currency and window: invoices that first failed long enough ago, and those of them
-- paid in full within the window, by how.
with windows as (
    select unnest([7, 14, 30, 60]) as within_days
),

failures as (
    from first_failures_on($as_of::date)
    where
        ($from_on::date is null or failed_on >= $from_on::date)
        and ($to_on::date is null or failed_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
),

outcomes as (
    select
        currencies.currency,
        windows.within_days,
        failure.invoice_id,
        case when failure.recovered_on <= failure.failed_on + windows.within_days then method end
            as method
    from windows
    cross join (select distinct currency from failures) as currencies
    left join failures as failure
        on
            failure.currency = currencies.currency
            and failure.failed_on + windows.within_days <= $as_of::date
)

select
    currency,
    within_days,
    count(invoice_id) as invoices,
    count(method) as recovered,
    count(*) filter (method = 'same') as same_method,
    count(*) filter (method = 'other') as other_method,
    count(*) filter (method = 'manual') as manual
from outcomes
group by currency, within_days
order by currency, within_days
