-- The filter lets nothing through.
select payment_id, amount, method || '!' as method from {{ ref('stg_payments') }} where amount < 0
