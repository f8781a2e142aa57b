-- One row: the bank debits of an invoice that came to nothing, how many and since when, and what
-- is known of the last of them.
with failures as (
    select
        attempt.attempted_on,
        attempt.place,
        attempt.change,
        attempt.entered,
        attempt.said
    from tries_on($as_of::date) as attempt
    where
        attempt.invoice_id = $id
        and attempt.rail = 'ach'
        and attempt.outcome = 'failed'
)

select
    count(*) as failures,
    min(attempted_on) as first_on,
    nullif(max_by(coalesce(change, ''), place), '') as change,
    nullif(max_by(coalesce(entered, ''), place), '') as entered,
    max_by(said, place) as said
from failures
