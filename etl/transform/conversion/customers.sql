-- One row a customer, its currency the reporting one; null where the day asked for has no rate.
use snapshot;

create view converted.customers as
select customer.* replace (
    case
        when customer.currency = getvariable('reporting') or rate.rate is not null
            then getvariable('reporting')::varchar
    end as currency
)
from main.customers as customer
left join main.daily_rates as rate
    on
        rate.currency = customer.currency
        and rate.quote = getvariable('reporting')
        and rate.day = getvariable('as_of')::date
where main.is_asked(customer.currency);

use work;
