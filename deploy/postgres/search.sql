-- The search for banks forgives mistyped letters with it. Where this user may not make it, an administrator does.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
