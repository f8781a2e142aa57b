-- One row a pair of currencies, day and kind of source: one unit of currency is rate units of quote.
-- is_own: brought in by the tenant; the others are what BILL says on the invoices of a day.
create table snapshot.fx_rates as
with observed as (
    select
        currency,
        'USD' as quote,
        invoice_on as rate_on,
        exchange_rate as rate,
        'exchangeRate of BILL' as source,
        false as is_own
    from stg_invoices
    where exchange_rate is not null and currency <> 'USD'
    qualify
        row_number() over (
            partition by currency, invoice_on order by updated_at desc nulls last, invoice_id desc
        ) = 1
)

select
    *,
    true as is_own
from recorded_rates
union all by name
from observed
order by currency, quote, rate_on
