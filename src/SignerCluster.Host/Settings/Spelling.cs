namespace SignerCluster.Host.Settings;

/// <summary>Finds the name that somebody meant.</summary>
internal static class Spelling
{
    /// <summary>The known name that differs in fewest letters; null when none is near: more than a third of it would be wrong.</summary>
    internal static string? Nearest(string given, IEnumerable<string> known) => known
        .Select(name => (Name: name, Distance: Distance(given, name)))
        .Where(candidate => candidate.Distance <= Math.Max(1, Math.Max(candidate.Name.Length, given.Length) / 3))
        .OrderBy(static candidate => candidate.Distance)
        .Select(static candidate => candidate.Name)
        .FirstOrDefault();

    /// <summary>Letters to insert, remove or replace.</summary>
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        foreach (char letter in from)
        {
            int diagonal = row[0]++;
            for (int column = 1; column <= to.Length; column++)
            {
                int replaced = diagonal + (letter == to[column - 1] ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.Min(replaced, Math.Min(row[column], row[column - 1]) + 1);
            }
        }

        return row[^1];
    }
}
