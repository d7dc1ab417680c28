"""What tests, measurements and the demo share: processes, certificates, and the whole deployment on the loopback."""
