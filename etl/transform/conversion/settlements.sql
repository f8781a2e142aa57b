-- One row a part of a payment or credit that settled an invoice, in the reporting currency at the
-- rate of the day it did, where there is one.
use snapshot;

create view converted.settlements as
select part.* replace (
    main.exchanged(part.amount, part.currency, rate.rate) as amount,
    getvariable('reporting')::varchar as currency
)
from main.settlements as part
left join main.daily_rates as rate
    on
        rate.currency = part.currency
        and rate.quote = getvariable('reporting')
        and rate.day = part.paid_on
where
    main.is_asked(part.currency)
    and main.exchanged(part.amount, part.currency, rate.rate) is not null;

use work;
