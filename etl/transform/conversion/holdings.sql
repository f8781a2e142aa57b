-- One row an event that changed what an invoice holds beyond what is owed, in the reporting
-- currency at the rate of its day, where there is one.
use snapshot;

create view converted.holdings as
select holding.* replace (
    main.exchanged(holding.held, holding.currency, rate.rate) as held,
    getvariable('reporting')::varchar as currency
)
from main.holdings as holding
left join main.daily_rates as rate
    on
        rate.currency = holding.currency
        and rate.quote = getvariable('reporting')
        and rate.day = holding.effective_on
where
    main.is_asked(holding.currency)
    and main.exchanged(holding.held, holding.currency, rate.rate) is not null;

use work;
