-- Questions several metrics ask of the attempts, made where their tables are.
use snapshot;

-- attempts_on(day): one row an attempt there was at the end of a day, with its outcome by then.
-- A transfer that is paid stays pending until its bank may no longer return it by rule.
create macro attempts_on(day) as table (
    select
        attempt.*,
        case
            when stretch.state = 'paid' and attempt.rail = 'ach' and attempt.final_on >= day
                then 'pending'
            else stretch.state
        end as outcome,
        case when stretch.state = 'failed' then stretch.from_on end as failed_on,
        case when stretch.state = 'failed' then stretch.change end as change
    from attempts as attempt
    inner join attempt_states as stretch using (payment_id)
    where stretch.from_on <= day and stretch.to_on > day
);

-- tries_on(day): one row an invoice and attempt at it that was not called off.
-- place: 1 for the first; retry: how many had failed by the day this one was made.
create macro tries_on(day) as table (
    with tries as (
        select
            part.invoice_id,
            part.amount as part_amount,
            attempt.*,
            row_number() over (
                partition by part.invoice_id
                order by attempt.attempted_on, attempt.created_at, attempt.payment_id
            ) as place
        from attempt_invoices as part
        inner join attempts_on(day) as attempt using (payment_id)
        where attempt.outcome <> 'canceled'
    )

    select
        later.*,
        (
            select count(*)
            from tries as earlier
            where
                earlier.invoice_id = later.invoice_id
                and earlier.place < later.place
                and earlier.outcome = 'failed'
                and earlier.failed_on <= later.attempted_on
        ) as retry
    from tries as later
);

-- retries_on(day): one row an attempt at an invoice made after another had failed, with what is
-- known of the failure before it.
-- presented: how many of its own kind failed before it within the time its scheme counts.
create macro retries_on(day) as table (
    with tries as materialized (from tries_on(day))

    select
        later.invoice_id,
        later.payment_id,
        later.currency,
        later.rail,
        later.outcome,
        later.retry,
        max_by(earlier.rail, earlier.place) as failed_rail,
        max_by(earlier.said, earlier.place) as failed_said,
        -- max_by passes over nulls: a failure we did not see happen has no change, and of most
        -- nobody entered the reason.
        nullif(max_by(coalesce(earlier.change, ''), earlier.place), '') as failed_change,
        nullif(max_by(coalesce(earlier.entered, ''), earlier.place), '') as failed_entered,
        count(*) filter (
            earlier.rail = later.rail
            and earlier.attempted_on >= later.attempted_on - if(later.rail = 'card', 30, 180)
        ) as presented
    from tries as later
    inner join tries as earlier
        on
            earlier.invoice_id = later.invoice_id
            and earlier.place < later.place
            and earlier.outcome = 'failed'
            and earlier.failed_on <= later.attempted_on
    group by all
);

-- first_failures_on(day): one row an invoice that an attempt ever failed at, with its first
-- failure, the day it was paid in full after that (null: not yet), by which payment, and the cash
-- that came since, less what went back.
create macro first_failures_on(day) as table (
    with failures as materialized (
        select invoice_id, currency, rail, payment_id, failed_on, part_amount
        from tries_on(day)
        where outcome = 'failed' and failed_on <= day
        qualify row_number() over (partition by invoice_id order by failed_on, place) = 1
    ),

    events as materialized (
        select
            ledger.*,
            last_value(
                case
                    when event = 'payment_applied' then ledger.payment_id
                    when event in ('credit_applied', 'invoice_archived', 'invoice_adjusted') then ''
                end ignore nulls
            ) over so_far as closed_by
        from ledger
        semi join failures using (invoice_id)
        where effective_on <= day
        window so_far as (
            partition by invoice_id order by event_id
            rows between unbounded preceding and current row
        )
    ),

    day_ends as (
        select
            invoice_id,
            effective_on as from_on,
            open_after,
            closed_by,
            lead(effective_on, 1, date '9999-12-31') over (
                partition by invoice_id order by effective_on
            ) as to_on
        from events
        qualify row_number() over (partition by invoice_id, effective_on order by event_id desc) = 1
    ),

    closings as (
        select
            failure.invoice_id,
            greatest(day_end.from_on, failure.failed_on) as recovered_on,
            day_end.closed_by
        from failures as failure
        inner join day_ends as day_end using (invoice_id)
        where
            day_end.to_on > failure.failed_on
            and day_end.open_after <= 0
            and day_end.closed_by <> ''
        qualify row_number() over (partition by failure.invoice_id order by recovered_on) = 1
    ),

    cash as (
        select
            failure.invoice_id,
            event.payment_id,
            sum(
                case
                    when event.event in ('payment_reversed', 'payment_moved') then -event.amount
                    else event.amount
                end
            ) as amount
        from failures as failure
        inner join events as event using (invoice_id)
        where
            event.event in ('payment_applied', 'payment_reversed', 'payment_moved')
            and event.effective_on >= failure.failed_on
            and (event.effective_on > failure.failed_on or event.payment_id <> failure.payment_id)
        group by all
        having bool_or(event.event = 'payment_applied')
    ),

    sums as (
        select invoice_id, sum(amount) as amount from cash group by invoice_id
    )

    select
        failure.*,
        closing.recovered_on,
        case
            when closing.invoice_id is null then null
            when attempt.payment_id is null then 'manual'
            when attempt.rail = failure.rail then 'same'
            else 'other'
        end as method,
        coalesce(sums.amount, 0)::decimal(19, 4) as net_recovered
    from failures as failure
    left join closings as closing using (invoice_id)
    left join attempts as attempt on attempt.payment_id = closing.closed_by
    left join sums using (invoice_id)
);

use work;
