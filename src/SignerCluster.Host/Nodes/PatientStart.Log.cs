namespace SignerCluster.Host.Nodes;

internal sealed partial class PatientStart
{
    [LoggerMessage(
        EventId = 2101, Level = LogLevel.Warning, Message = "Waiting to start ({Code}): {Fault} Trying again until it is there; /readyz says 503 meanwhile.")]
    private partial void LogWaiting(string code, string fault);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Information, Message = "What the start waited for is there.")]
    private partial void LogGoesOn();
}
