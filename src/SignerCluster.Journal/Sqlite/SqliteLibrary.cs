using System.Reflection;
using System.Runtime.InteropServices;
using SignerCluster.Protocol.Durability;
using SQLitePCL;

namespace SignerCluster.Journal.Sqlite;

/// <summary>Binds to the distribution's libsqlite3, which gets security updates, instead of the older one that the package carries.</summary>
internal static class SqliteLibrary
{
    /// <summary>An operator's own build of the library; when set, nothing else is tried.</summary>
    internal const string OverrideVariable = "SIGNER_SQLITE_LIBRARY";

    // STRICT tables.
    private const int MinimumVersion = 3_037_000;

    private static readonly Lazy<string> _version = new(Bind);

    /// <summary>The version of the library in use. Throws <see cref="JournalException"/> <c>sqlite_missing</c> when there is none that serves.</summary>
    public static string Require() => _version.Value;

    internal static IReadOnlyList<string> Candidates() =>
        Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } path ? [path] : ["libsqlite3.so.0", "libsqlite3.dylib"];

    internal static nint Load(IReadOnlyList<string> candidates)
    {
        foreach (string candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out nint handle))
                return handle;
        }

        throw Missing($"SQLite was not found (tried {string.Join(", ", candidates)}).");
    }

    private static string Bind()
    {
        nint library = Load(Candidates());
        Assembly provider = typeof(SQLite3Provider_e_sqlite3).Assembly;
        NativeLibrary.SetDllImportResolver(provider, (name, _, _) => name == "e_sqlite3" ? library : 0);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        raw.FreezeProvider();
        string version = raw.sqlite3_libversion().utf8_to_string();
        return raw.sqlite3_libversion_number() >= MinimumVersion ? version : throw Missing($"SQLite {version} is too old (3.37 or later is needed).");
    }

    private static JournalException Missing(string what) =>
        new("sqlite_missing", $"{what} Install it with: apt-get install libsqlite3-0, or name your own build in {OverrideVariable}.", isTransient: false);
}
