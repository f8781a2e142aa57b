-- Questions that a figure and its explanation both ask, made where their tables are.
use snapshot;

-- open_parts_on(day): one row a part of an open invoice at the end of a day: what a payment is
-- scheduled for, with that payment's date and rail, and the rest, without.
create macro open_parts_on(day) as table (
    with open_items as (
        select invoice_id, customer_id, currency, due_on, open_amount
        from invoice_balances
        where from_on <= day and to_on > day and open_amount > 0
    ),

    scheduled as (
        select
            part.invoice_id,
            attempt.attempted_on,
            attempt.rail,
            sum(least(part.amount, item.open_amount)) as amount
        from attempt_states as stretch
        inner join attempts as attempt using (payment_id)
        inner join attempt_invoices as part using (payment_id)
        inner join open_items as item using (invoice_id)
        where stretch.state = 'pending' and stretch.from_on <= day and stretch.to_on > day
        group by part.invoice_id, attempt.attempted_on, attempt.rail
    ),

    rests as (
        select
            item.invoice_id,
            item.open_amount - coalesce(sum(scheduled.amount), 0) as amount
        from open_items as item
        left join scheduled using (invoice_id)
        group by item.invoice_id, item.open_amount
    ),

    parts as (
        from scheduled
        union all by name
        select
            invoice_id,
            null::date as attempted_on,
            null::varchar as rail,
            amount
        from rests
        where amount > 0
    )

    select
        item.invoice_id,
        item.customer_id,
        item.currency,
        item.due_on,
        part.attempted_on,
        part.rail,
        part.amount::decimal(19, 4) as amount
    from parts as part
    inner join open_items as item using (invoice_id)
);

use work;
