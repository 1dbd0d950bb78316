"""What an entity may be asked to do: the data of a call, its checks, the commands it becomes."""
