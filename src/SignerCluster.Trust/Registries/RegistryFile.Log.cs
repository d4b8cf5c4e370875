using Microsoft.Extensions.Logging;

namespace SignerCluster.Trust.Registries;

public sealed partial class RegistryFile
{
    [LoggerMessage(1111, LogLevel.Information, "The registry {Path} is in use: as of {AsOf}, {Reserves} reserves.")]
    private partial void LogUsed(string path, long asOf, int reserves);

    [LoggerMessage(1112, LogLevel.Warning, "The registry {Path} is not used ({Reason}), and what needs it is refused. What to do: {Advice}.")]
    private partial void LogNotUsed(string path, string reason, string advice);
}
