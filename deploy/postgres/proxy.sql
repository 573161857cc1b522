-- The proxy keeps a database of its own: bank tokens and books never share one.
CREATE DATABASE banksync_proxy;
