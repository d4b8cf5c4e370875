namespace SignerCluster.Host;

/// <summary>How the process ends. A contract with whoever starts it.</summary>
internal static class ExitCode
{
    internal const int Done = 0;

    /// <summary>The protocol, the policy or a check said no; the code says why.</summary>
    internal const int Refused = 1;

    /// <summary>The command line or the configuration is wrong; the message names the key and the rule.</summary>
    internal const int Usage = 2;

    /// <summary>Something outside is missing or took too long. Nothing is lost: the same session continues.</summary>
    internal const int Unavailable = 3;
}
