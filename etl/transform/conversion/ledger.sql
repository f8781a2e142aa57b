-- One row a dated event whose day has a rate, in the reporting currency: what is invoiced at the
-- rate of its date, cash at that of its payment. Where no rate of ours covers an invoice's date,
-- BILL's own rate of that invoice goes before what BILL says on others.
use snapshot;

create view converted.ledger as
with rated as (
    select
        event.*,
        case
            when rate.is_own then rate.rate
            when getvariable('reporting') = 'USD' then coalesce(event.bill_rate, rate.rate)
            else rate.rate
        end as rate
    from main.ledger as event
    left join main.daily_rates as rate
        on
            rate.currency = event.currency
            and rate.quote = getvariable('reporting')
            and rate.day = event.effective_on
    where main.is_asked(event.currency)
)

select
    tenant,
    event_id,
    event,
    effective_on,
    observed_at,
    basis,
    customer_id,
    getvariable('reporting')::varchar as currency,
    invoice_id,
    payment_id,
    credit_memo_id,
    document,
    main.exchanged(amount, currency, rate) as amount,
    main.exchanged(unapplied, currency, rate) as unapplied,
    main.exchanged(revenue, currency, rate) as revenue,
    -- The rest of the document's total, so that the two add up to it.
    (main.exchanged(revenue + tax, currency, rate) - main.exchanged(revenue, currency, rate))
        ::decimal(19, 4) as tax,
    main.exchanged(cash, currency, rate) as cash,
    main.exchanged(collected, currency, rate) as collected
from rated
where currency = getvariable('reporting') or rate is not null;

use work;
