"""What every room stands on: errors, logs, state files, child processes, supervision."""
