using SignerCluster.Host.Settings;

namespace SignerCluster.Host.Tests.Settings;

/// <summary>A folder of configurations that vanishes with its test, and the variables that they see.</summary>
internal sealed class SettingsFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("signer-settings-").FullName;

    internal Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    internal string PathOf(string name) => Path.Combine(_root, name);

    internal string Write(string name, string text)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    /// <summary>What a file says, as JSON on one line.</summary>
    internal string Json(string text) => HoconFile.ToJson(File(text).Values).ToJsonString();

    internal HoconFile File(string text) => HoconFile.Load(Write("a.conf", text), Environment.GetValueOrDefault);

    /// <summary>Why a file is refused, without the folder's name.</summary>
    internal string Refusal(string text) => Short(Assert.Throws<SettingsException>(() => Json(text)));

    internal NodeSettings Node(string text) => NodeSettings.Load(Write("node.conf", text), Environment.GetValueOrDefault);

    internal string NodeRefusal(string text) => Short(Assert.Throws<SettingsException>(() => Node(text)));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Short(SettingsException refused) => refused.Message.Replace(_root + "/", string.Empty, StringComparison.Ordinal);
}
