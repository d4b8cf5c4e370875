namespace SignerCluster.Host.Settings.Hocon;

/// <summary>Files in the human-optimised notation of configurations.</summary>
internal static class HoconDocument
{
    /// <summary>The file, laid over what the earlier ones say. Throws <see cref="SettingsException"/>.</summary>
    /// <param name="environment">Gives the value of a variable; null where it is not set.</param>
    internal static HoconObject Load(Func<string, string?> environment, params IReadOnlyList<string> paths) =>
        HoconResolver.Resolve([.. paths.Select(static path => HoconParser.Parse(HoconFile.Read(path), HoconPath.Root))], environment);
}
