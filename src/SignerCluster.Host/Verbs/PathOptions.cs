using System.CommandLine;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Host.Verbs;

/// <summary>Which address of a group is meant.</summary>
internal sealed class PathOptions
{
    private readonly Option<uint?> _index =
        new("--index") { Description = "The receiving address of this number: the path m/0/N.", HelpName = "N" };
    private readonly Option<string?> _path =
        new("--path") { Description = "The address of a path below the group's key, such as m/1/5; m is the group's own.", HelpName = "PATH" };

    internal void AddTo(Command verb)
    {
        verb.Options.Add(_index);
        verb.Options.Add(_path);
    }

    /// <summary>Null when none is named. Throws <see cref="UsageException"/> for two of them and for what is no path.</summary>
    internal DerivationPath? Read(ParseResult parsed) => (parsed.GetValue(_index), parsed.GetValue(_path)) switch
    {
        (null, null) => null,
        ({ } index, null) => DerivationPath.TryFrom([0, index], out DerivationPath? path, out BitcoinRefusal? refusal)
            ? path
            : throw new UsageException(refusal.Code, $"{_index.Name}: {refusal.Message}"),
        (null, { } text) => DerivationPath.TryParse(text, out DerivationPath? path, out BitcoinRefusal? refusal)
            ? path
            : throw new UsageException(refusal.Code, $"{_path.Name}: {refusal.Message}"),
        _ => throw new UsageException("index_or_path", "--index, --path: give only one of them."),
    };
}
