namespace SignerCluster.Host.Settings;

/// <summary>One thing that is wrong in a configuration.</summary>
/// <param name="File">As it was named on the command line or by the file that includes it.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Key">The whole path of the key; empty where no key is concerned.</param>
/// <param name="Rule">What is not kept, and what to do.</param>
internal sealed record SettingsError(string File, int Line, string Key, string Rule)
{
    public override string ToString() => Key.Length == 0 ? $"{File}:{Line}: {Rule}" : $"{File}:{Line}: {Key}: {Rule}";
}

/// <summary>A configuration that no node may start with. The message has a line for every error, in the order of the files.</summary>
internal sealed class SettingsException(IReadOnlyList<SettingsError> errors) : Exception(string.Join('\n', errors))
{
    internal const string Code = "config_invalid";

    internal SettingsException(SettingsError error)
        : this([error])
    {
    }

    /// <summary>At least one.</summary>
    internal IReadOnlyList<SettingsError> Errors => errors;
}
